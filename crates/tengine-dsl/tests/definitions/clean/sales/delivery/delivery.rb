require 'tengine_job'
require 'common/servers'

jobnet("配布", "帳票の配布") do
  auto_sequence
  (1..3).each do |n|
    job("帳票#{n}", script("report", n.to_s), on_batch(:caption => "帳票 #{n} 号"))
  end
  expansion("後処理")
end

jobnet("後処理") do
  boot_jobs("圧縮")
  job("圧縮", script("gzip"), on_batch(:to => "転送"))
  job("転送", script("scp"), on_batch)
end
