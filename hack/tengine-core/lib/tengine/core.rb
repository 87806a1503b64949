# frozen_string_literal: true

require 'tengine'
require 'bigdecimal'
require 'date'
require 'set'
require 'shellwords'
require 'tengine/core/active_support'

# A container has no locale; definitions, dictionaries and their file names are UTF-8 all the same.
Encoding.default_external = Encoding::UTF_8

# Loading, evaluating and refusing a definition needs neither broker nor database, so the parts
# that do (`store/postgres`, `mq`) are only required by those who connect.
module Tengine
  module Core
    VERSION = '1.2.2'

    class ConfigError < StandardError; end
    class DslError < StandardError; end
    class KernelError < StandardError; end
    class ActivationTimeoutError < StandardError; end

    class << self
      # The kernel whose definition is being evaluated; the words of the DSL act on it.
      attr_accessor :kernel
    end
  end
end

require 'tengine/core/log'
require 'tengine/core/names'
require 'tengine/core/event'
require 'tengine/core/config'
require 'tengine/core/definition'
require 'tengine/core/doubts'
require 'tengine/core/store/memory'
require 'tengine/core/session'
require 'tengine/core/filter'
require 'tengine/core/driveable'
require 'tengine/core/dsl'
