require 'tengine_job'
LIMIT = 3
