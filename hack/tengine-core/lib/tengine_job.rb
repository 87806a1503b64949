# frozen_string_literal: true

# What a definition pulls in with `require 'tengine_job'`: from here on the jobnet words are known in every file.
require 'tengine/core'
require 'tengine/job'
