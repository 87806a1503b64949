//! Kubernetes quantities: many spellings of one amount.

/// Whether two texts are the same amount, such as `1000m` and `1`. The API server writes an amount in its own way
/// and rounds it up to billionths. Texts that are no quantities are never the same.
pub(super) fn same(one: &str, other: &str) -> bool {
    billionths(one).is_some_and(|amount| billionths(other) == Some(amount))
}

/// The amount in billionths, rounded away from zero as the API server does.
fn billionths(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{}", fraction.trim_end_matches('0'));
    if digits.is_empty() && fraction.is_empty() || digits.len() > 24 {
        return None;
    }
    let mantissa: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let (binary, decimal) = factor(suffix)?;
    let scale = decimal + 9 - i32::try_from(fraction.trim_end_matches('0').len()).ok()?;
    let scaled = mantissa.checked_mul(1024_i128.checked_pow(binary)?)?;
    let amount = if scale >= 0 {
        scaled.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?
    } else {
        let divisor = 10_i128.checked_pow(scale.unsigned_abs())?;
        scaled.checked_add(divisor - 1)? / divisor
    };
    Some(if negative { -amount } else { amount })
}

/// A suffix as a power of 1024 and a power of 10.
fn factor(suffix: &str) -> Option<(u32, i32)> {
    Some(match suffix {
        "Ki" => (1, 0),
        "Mi" => (2, 0),
        "Gi" => (3, 0),
        "Ti" => (4, 0),
        "Pi" => (5, 0),
        "Ei" => (6, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "" => (0, 0),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        exponent => (0, exponent.strip_prefix(['e', 'E'])?.parse().ok().filter(|power| (-30..=30).contains(power))?),
    })
}
