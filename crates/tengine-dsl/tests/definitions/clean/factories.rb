# -*- coding: utf-8 -*-
require 'tengine_job'
require 'csv'
include Math

# In a method of a class, self is the class.
class Stage
  def self.make
    new.steps
  end

  def steps
    %w[load check]
  end
end

module Label
  def self.of
    name.downcase
  end
end

jobnet("factories", Label.of) do
  Stage.make.each { |step| job step, "run #{step}" }
  job "rows", "wait #{sqrt(PI).to_i}" if 2.between?(1, 3) && 1.finite?
  job "last", "echo #{"a,b".parse_csv.to_csv.strip} #{:c.id2name}"
end
