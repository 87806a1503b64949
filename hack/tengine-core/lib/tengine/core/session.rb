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

      # `update(:n => 1)`, or with a block that changes the hash it is given (and then `:retry => times`).
      def update(hash = {}, &block) = change('properties', hash, &block)

      def system_update(hash = {}, &block) = change('system_properties', hash, &block)

      def clear!
        @store.update_session(@driver_id, 'properties') { |_old| {} }
      end

      private

      def read(column) = @store.session(@driver_id)[column]

      def change(column, hash)
        tries = block_given? ? hash.fetch(:retry, RETRIES) : RETRIES
        tries.times do
          done = @store.update_session(@driver_id, column) do |current|
            block_given? ? yield(current) : current.merge!(hash.transform_keys(&:to_s))
            current.transform_keys(&:to_s)
          end
          return if done
        end
        raise KernelError, "retried #{tries} times but failed to update"
      end
    end
  end
end
