# frozen_string_literal: true

# ActiveSupport's everyday methods, which the original brings along and definitions use.
class Object
  def blank? = respond_to?(:empty?) ? !!empty? : !self

  def present? = !blank?

  def presence = present? ? self : nil

  def try(name = nil, *args, &block)
    return yield(self) if name.nil? && block

    respond_to?(name) ? public_send(name, *args, &block) : nil
  end
end

class NilClass
  def try(*) = nil
end

class String
  def blank? = match?(/\A[[:space:]]*\z/)

  def squish = strip.gsub(/[[:space:]]+/, ' ')

  def camelize = Tengine::Core::Names.camelize(self)

  def underscore = Tengine::Core::Names.underscore(self)
end

class Array
  def self.wrap(object)
    return [] if object.nil?

    object.respond_to?(:to_ary) ? object.to_ary : [object]
  end

  def extract_options! = last.instance_of?(Hash) ? pop : {}
end

class Hash
  def symbolize_keys = transform_keys { |key| key.respond_to?(:to_sym) ? key.to_sym : key }

  def stringify_keys = transform_keys(&:to_s)

  def reverse_merge(other) = other.merge(self)
end
