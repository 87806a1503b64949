# -*- coding: utf-8 -*-
require 'tengine_job'

jobnet("nightly", "夜間バッチ", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
end
