require 'tengine_job'

jobnet("nightly")
