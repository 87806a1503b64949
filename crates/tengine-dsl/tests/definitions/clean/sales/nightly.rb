# -*- coding: utf-8 -*-
require 'tengine_job'
require_relative 'common/servers'

jobnet("夜間売上", "夜間売上バッチ", :server_name => SERVERS[:batch], :credential_name => "batch") do
  boot_jobs("受信")
  jobnet("受信", "店舗データ受信", :to => ["集計", "監査"]) do
    boot_jobs(*STORES.map { |store| "受信_#{store}" })
    STORES.each do |store|
      job("受信_#{store}", "#{store}の受信", script("receive", store), :to => "照合_#{store}")
      job("照合_#{store}", script("verify", store))
    end
  end
  jobnet("集計", "売上集計", :to => "配布") do
    auto_sequence
    REGIONS.each do |region, stores|
      jobnet(region) do
        stores.each_with_index do |store, i|
          job("%02d_%s" % [i + 1, store], script("sum", store))
        end
        finally do
          job("後片付け", script("clean", region))
        end
      end
    end
  end
  hadoop_job_run("監査", "監査ログの解析", script("audit"), :to => "配布") do
    boot_jobs("抽出")
    hadoop_job("抽出", :to => "突合")
    hadoop_job("突合")
  end
  expansion("配布")
  finally do
    job("通知", script("mail", "operators@example.com"))
    jobnet("掃除") do
      job("一時ファイル", script("rm"), :killing_signals => %w[TERM KILL], :killing_signal_interval => 10)
    end
  end
end
