# frozen_string_literal: true

module Tengine
  module Core
    # What Tengine loads although its author hardly meant it. A doubt is printed and loading goes on;
    # with TENGINE_REFUSE_DOUBTS=1 it is refused like an error.
    module Doubts
      Doubt = Struct.new(:code, :place, :message) do
        def to_s = "#{place ? "#{place}: " : ''}#{message} (#{code})"
      end

      class << self
        def all = @all ||= []

        def report(code, place, message, error_class = DslError)
          doubt = Doubt.new(code, place, message)
          raise error_class, doubt.to_s if ENV['TENGINE_REFUSE_DOUBTS'] == '1'
          return if all.include?(doubt)

          all << doubt
          Log.warn("doubt: #{doubt}")
        end
      end
    end
  end
end
