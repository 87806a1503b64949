# frozen_string_literal: true

require 'tengine/core'

module Tengine
  # Jobnet definitions: evaluated, checked and registered. Running their jobs is left out.
  module Job
    class DslError < StandardError; end
  end
end

require 'tengine/job/vertex'
require 'tengine/job/edges'
require 'tengine/job/rules'
require 'tengine/job/builder'
require 'tengine/job/words'
require 'tengine/job/registry'

Tengine::Core::Dsl.top.extend(Tengine::Job::Words)
