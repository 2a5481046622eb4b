use std::fmt;
use std::str::FromStr;

/// A version of the daemon API: `major.minor`. A minor version adds to the one before it and takes nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApiVersion {
    /// Versions of different majors do not understand each other.
    pub major: u16,
    /// Daemons may be older than the server, not newer.
    pub minor: u16,
}

impl ApiVersion {
    /// The newest that this server speaks.
    pub const CURRENT: Self = Self {
        major: 1,
        minor: 20,
    };
    /// What a daemon speaks that does not say.
    pub const UNSAID: Self = Self { major: 1, minor: 0 };

    /// Whether a server of this version serves a daemon that speaks the other one.
    pub fn serves(self, daemon: Self) -> Result<(), VersionError> {
        let served = self.major == daemon.major && daemon.minor <= self.minor;
        served.then_some(()).ok_or(VersionError::Unserved {
            server: self,
            daemon,
        })
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for ApiVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let number = |digits: &str| {
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().ok()).flatten()
        };
        let version = text.split_once('.').and_then(|(major, minor)| {
            Some(Self {
                major: number(major)?,
                minor: number(minor)?,
            })
        });
        version.ok_or(VersionError::Unreadable)
    }
}

/// Why a daemon's version is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// It is not two numbers.
    #[error("a version is two numbers with a dot between them")]
    Unreadable,
    /// The server does not speak it.
    #[error("the server speaks version {server} and older ones of the same major, not {daemon}")]
    Unserved {
        /// The server's.
        server: ApiVersion,
        /// The daemon's.
        daemon: ApiVersion,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Result<ApiVersion, VersionError> {
        text.parse()
    }

    #[test]
    fn daemons_of_the_same_major_are_served_up_to_the_servers_own_minor() {
        for served in ["1.0", "1.7", "1.20"] {
            assert_eq!(
                ApiVersion::CURRENT.serves(version(served).unwrap()),
                Ok(()),
                "{served}"
            );
        }
        for refused in ["0.20", "1.21", "2.0"] {
            let daemon = version(refused).unwrap();
            let error = ApiVersion::CURRENT.serves(daemon).unwrap_err();
            assert!(error.to_string().ends_with(&format!("not {refused}")));
        }
    }

    #[test]
    fn a_version_is_two_numbers_and_is_shown_as_it_is_read() {
        assert_eq!(version("1.20").unwrap().to_string(), "1.20");
        for text in [
            "", "1", "1.", ".1", "1.0.0", "v1.0", "-1.0", "+1.0", "1.x", "1 .0", "65536.0",
            "1.65536",
        ] {
            assert_eq!(version(text), Err(VersionError::Unreadable), "{text}");
        }
    }
}
