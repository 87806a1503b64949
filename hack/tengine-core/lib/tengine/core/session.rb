# frozen_string_literal: true

module Tengine
  module Core
    # What a handler sees as `session`: properties of its driver that outlive the event.
    class SessionWrapper
      RETRIES = 5

      def initialize(store, driver_id)
        @store = store
        @driver_id = driver_id
      end

      def [](key) = read('properties')[key.to_s]

      def system_properties = read('system_properties')

      def update(values = nil, retry: RETRIES, &block) = change('properties', values, binding.local_variable_get(:retry), &block)

      def system_update(values = nil, retry: RETRIES, &block) = change('system_properties', values, binding.local_variable_get(:retry), &block)

      def clear!
        @store.update_session(@driver_id, 'properties') { |_old| {} }
      end

      private

      def read(column) = @store.session(@driver_id)[column]

      def change(column, values, tries)
        tries.times do
          done = @store.update_session(@driver_id, column) do |current|
            fresh = values ? current.merge(values.transform_keys(&:to_s)) : current
            yield(fresh) if block_given?
            fresh.transform_keys(&:to_s)
          end
          return if done
        end
        raise KernelError, "retried #{tries} times but failed to update"
      end
    end
  end
end
