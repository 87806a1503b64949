# 共通の定数と書き方
SERVERS = { :batch => "バッチ1号機", :db => "db-01" }
STORES = %w[tokyo osaka nagoya sapporo fukuoka]
REGIONS = {
  "east" => %w[tokyo sapporo],
  "west" => %w[osaka nagoya fukuoka]
}

def script(name, *args)
  (["$HOME/sales/#{name}.sh"] + args).join(" ")
end

def on_batch(more = {})
  { :server_name => SERVERS[:batch], :credential_name => "batch" }.merge(more)
end
