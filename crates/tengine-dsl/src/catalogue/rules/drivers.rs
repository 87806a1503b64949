//! Of dictionaries and event drivers.

use crate::catalogue::{Rule, rule_of};

/// In the order of the page.
pub const RULES: &[Rule] = &[
    rule_of(
        "dictionary-syntax",
        "warning",
        "A dictionary.yml cannot be read.",
        "It maps names of files and folders beside it to display names. The core reads it after everything else, and may refuse the definition.",
        "",
        "",
    ),
    rule_of(
        "dictionary-unknown-name",
        "warning",
        "A dictionary.yml names what is not beside it.",
        "The display name is never shown.",
        "",
        "",
    ),
    rule_of(
        "driver-name",
        "error",
        "A driver's name cannot be made into a class.",
        "Tengine makes a class of each driver: `close_of_day` becomes `CloseOfDay`.",
        r#"driver "close-of-day" do
  on :closed do
  end
end"#,
        "driver :close_of_day do
  on :closed do
  end
end",
    ),
    rule_of(
        "duplicate-driver",
        "warning",
        "Two drivers have the same name.",
        "Tengine keeps the first one's record; the handlers of the second are not registered.",
        "driver :closing do
  on :closed do
  end
end

driver :closing do
  on :opened do
  end
end",
        "driver :closing do
  on :closed do
  end
end

driver :opening do
  on :opened do
  end
end",
    ),
    rule_of(
        "duplicate-handler",
        "warning",
        "A driver handles one event twice.",
        "Handlers are methods named after their event: the second takes the place of the first.",
        "driver :closing do
  on :closed do
  end
  on :closed do
  end
end",
        "driver :closing do
  on :closed do
  end
  on :opened do
  end
end",
    ),
    rule_of(
        "handler-parameters",
        "error",
        "A handler's block takes more than the event.",
        "It takes the event, or nothing.",
        "driver :closing do
  on :closed do |event, time|
  end
end",
        "driver :closing do
  on :closed do |event|
  end
end",
    ),
    rule_of(
        "unknown-handler-word",
        "warning",
        "A name in a handler's body is nothing that could be called there.",
        "A handler's words are event, session, fire, submit and what Ruby has everywhere. The definition loads, and the handler fails each time it runs. Silent where anything of the load path defines such a method or could, and in blocks that may run on another object.",
        "driver :closing do
  on :closed do
    fir :booked
  end
end",
        "driver :closing do
  on :closed do
    fire :booked
  end
end",
    ),
    rule_of(
        "invalid-filter",
        "error",
        "An event filter joins something else than two symbols.",
        "`:a & :b` waits for both events; it cannot be joined again, and texts have no `&`.",
        "driver :closing do
  on :closed & :paid & :sent do
  end
end",
        "driver :closing do
  on :closed & :paid do
  end
end",
    ),
    rule_of(
        "filter-never-matches",
        "warning",
        "A handler can never run.",
        "It names no event, or something that is no event's name.",
        "driver :closing do
  on :closed & (:paid & :sent) do
  end
end",
        "driver :closing do
  on :paid & :sent do
  end
end",
    ),
];
