use serde::{Deserialize, Serialize};

use crate::validation::InvalidValue;

/// How many credits a group allows each of its members: 0 to 2^31 - 1 (docs/contract/groups.md 2: an integer of 32 bits). A negative
/// allowance has no meaning and is refused. Reads back unchecked, like a [`Name`](crate::name::Name).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuotaAllowance(i32);

impl QuotaAllowance {
    /// Checks an allowance.
    pub fn new(credits: i64) -> Result<Self, InvalidValue> {
        match i32::try_from(credits) {
            Ok(credits) if credits >= 0 => Ok(Self(credits)),
            _ => Err(InvalidValue::new("quota_allowance", &credits.to_string())),
        }
    }

    /// The credits.
    pub const fn credits(self) -> i32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_a_natural_number_of_31_bits() {
        for credits in [0, 1, i64::from(i32::MAX)] {
            assert_eq!(
                i64::from(QuotaAllowance::new(credits).unwrap().credits()),
                credits
            );
        }
        for credits in [-1, i64::MIN, i64::from(i32::MAX) + 1, i64::MAX] {
            assert_eq!(
                QuotaAllowance::new(credits).unwrap_err().tag,
                "quota_allowance"
            );
        }
    }
}
