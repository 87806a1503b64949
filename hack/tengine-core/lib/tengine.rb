# frozen_string_literal: true

# The stand-in Tengine. See ../README.md for what it stands in for.
module Tengine
  class << self
    # Called by the driver of `tengined -k test` with the event type it has just handled.
    attr_accessor :callback_for_test
  end
end
