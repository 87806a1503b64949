require 'tengine_job'
