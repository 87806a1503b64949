# frozen_string_literal: true

module Tengine
  module Core
    # Driver names become class names and back; paths come without an encoding where there is no locale.
    module Names
      def self.utf8(text) = text.to_s.dup.force_encoding(Encoding::UTF_8)

      def self.camelize(name)
        name.to_s.split('/').map { |part| part.split('_').map { |word| word[0].to_s.upcase + word[1..].to_s }.join }.join('::')
      end

      def self.underscore(name)
        name.to_s.gsub('::', '/').gsub(/([A-Z]+)([A-Z][a-z])/, '\1_\2').gsub(/([a-z\d])([A-Z])/, '\1_\2').downcase
      end
    end
  end
end
