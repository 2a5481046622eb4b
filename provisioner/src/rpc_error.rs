use std::fmt;

/// Why a call failed, as the daemon is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcError {
    /// 0 for ordinary errors.
    pub code: u64,
    /// What is wrong.
    pub text: String,
}

impl RpcError {
    /// An ordinary error.
    pub fn new(text: impl fmt::Display) -> Self {
        Self {
            code: 0,
            text: text.to_string(),
        }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for RpcError {}
