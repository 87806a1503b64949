//! Which of several operators a TengineDeployment belongs to.

use super::KeyHasher;
use std::fmt;
use std::str::FromStr;

/// So many shards at most: each of them watches everything, so more cost more than they bring.
const MOST: u8 = 16;

/// What is taken.
const RULE: &str = "give N/M, such as 1/3: M shards, from 1 to 16, of which this is number N, from 1 to M";

/// One of so many: of all TengineDeployments, each belongs to exactly one shard.
///
/// Which one follows from its namespace and name alone. So it can be told of one that is not there, and an object that is made
/// anew stays where it was; and it is the same in every process and every version of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shard {
    /// From 1 to `of`.
    number: u8,
    /// From 1 to [`MOST`].
    of: u8,
}

/// A text that names no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{RULE}")]
pub struct NoShard;

impl Shard {
    /// The only one: everything belongs to it.
    pub const ONLY: Self = Self { number: 1, of: 1 };

    /// The number of this one, from 1.
    pub const fn number(self) -> u8 {
        self.number
    }

    /// How many there are.
    pub const fn of(self) -> u8 {
        self.of
    }

    /// Whether there are no others.
    pub const fn is_only(self) -> bool {
        self.of == 1
    }

    /// Whether the deployment of this name belongs to this shard, be it there or not.
    pub fn owns(self, namespace: &str, name: &str) -> bool {
        if self.is_only() {
            return true;
        }
        let hash = KeyHasher::default().part("namespace", namespace).part("deployment", name).number();
        hash % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (number, of) = text.split_once('/').ok_or(NoShard)?;
        let digits = |text: &str| {
            let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
            plain.then(|| text.parse::<u8>().ok()).flatten().ok_or(NoShard)
        };
        let (number, of) = (digits(number)?, digits(of)?);
        if number <= of && of <= MOST { Ok(Self { number, of }) } else { Err(NoShard) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn all(of: u8) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard { number, of })
    }

    #[rstest]
    #[case("1/1")]
    #[case("2/3")]
    #[case("16/16")]
    fn a_shard_is_a_number_of_so_many(#[case] text: &str) {
        assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
    }

    #[rstest]
    #[case("")]
    #[case("1")]
    #[case("/")]
    #[case("0/3")]
    #[case("4/3")]
    #[case("1/0")]
    #[case("0/0")]
    #[case("1/17")]
    #[case("1/300")]
    #[case("a/b")]
    #[case("+1/3")]
    #[case("-1/3")]
    #[case("01/3")]
    #[case("1/3/3")]
    #[case("1 / 3")]
    #[case("1/٣")]
    fn anything_else_is_none(#[case] text: &str) {
        assert_eq!(text.parse::<Shard>(), Err(NoShard));
    }

    /// Where an object belongs may change with no version of the operator: two of them may run beside each other.
    #[test]
    fn where_an_object_belongs_is_settled_once_and_for_all() {
        let of = |of| -> Vec<u8> {
            let names = [("production", "billing"), ("staging", "billing"), ("a", "ab"), ("aa", "b")];
            let owner = |(namespace, name)| all(of).find(|shard| shard.owns(namespace, name)).unwrap();
            names.map(|name| owner(name).number()).to_vec()
        };
        assert_eq!((of(2), of(3), of(16)), (vec![1, 2, 1, 2], vec![1, 2, 1, 3], vec![9, 6, 15, 10]));
    }

    #[test]
    fn the_shares_are_even_within_reason() {
        for of in 2..=MOST {
            let mut shares = vec![0_u32; usize::from(of)];
            for number in 0..1000 {
                let (namespace, name) = (format!("team-{}", number % 20), format!("billing-{number}"));
                let owner = all(of).find(|shard| shard.owns(&namespace, &name)).unwrap();
                shares[usize::from(owner.number() - 1)] += 1;
            }
            let fair = 1000 / u32::from(of);
            assert!(shares.iter().all(|share| (fair / 2..=fair * 2).contains(share)), "{of}: {shares:?}");
        }
    }

    proptest! {
        #[test]
        fn each_deployment_has_exactly_one(namespace in "[a-z0-9-]{1,63}", name in "[a-z0-9.-]{1,80}", of in 1..=MOST) {
            prop_assert_eq!(all(of).filter(|shard| shard.owns(&namespace, &name)).count(), 1);
        }
    }
}
