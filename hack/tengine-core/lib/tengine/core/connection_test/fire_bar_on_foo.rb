# frozen_string_literal: true

driver :fire_bar_on_foo do
  on(:foo) { Tengine.callback_for_test&.call(:foo); fire(:bar) }
  on(:bar) { Tengine.callback_for_test&.call(:bar) }
end
