# -*- coding: euc-jp -*-
require 'tengine_job'

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("集計", "夜間の集計", "$HOME/sum.sh")
end
