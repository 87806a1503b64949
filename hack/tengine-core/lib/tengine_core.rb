# frozen_string_literal: true

require 'tengine/core'
