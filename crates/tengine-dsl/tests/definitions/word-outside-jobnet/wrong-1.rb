require 'tengine_job'

job("load", "$HOME/load.sh")
