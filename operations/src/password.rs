//! What is done with passwords, off the async threads, a few at a time: hashing (Argon2id with the library's recommended cost), and
//! finding out how many guesses one takes.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use tokio::sync::Semaphore;

use crate::password_strength::{WeakPassword, check_password};
use crate::randomness::Randomness;
use crate::secret::{ExposeSecret as _, Secret};

/// Hashes and checks passwords. One hash takes about 19 MiB and tens of milliseconds, so only a bounded number run at once.
#[derive(Clone, Debug)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    randomness: Randomness,
    dummy: Arc<str>,
}

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The hashing itself failed, or a stored hash is not one.
    #[error("password hash: {0}")]
    Hash(argon2::password_hash::Error),
    /// The hashing thread is gone.
    #[error("password hashing was interrupted")]
    Interrupted,
}

impl Passwords {
    /// A hasher that runs at most `parallel` hashes at once.
    pub fn new(parallel: usize, randomness: Randomness) -> Result<Self, PasswordError> {
        let dummy = hash(&Secret::from("nobody's password"), randomness)?;
        Ok(Self {
            slots: Arc::new(Semaphore::new(parallel.max(1))),
            randomness,
            dummy: dummy.into(),
        })
    }

    /// The PHC string of `password` under a new salt.
    pub async fn hash(&self, password: Secret) -> Result<String, PasswordError> {
        let randomness = self.randomness;
        self.run(move || hash(&password, randomness)).await
    }

    /// Whether `password` is strong enough for a user of these names.
    pub async fn check(
        &self,
        password: &Secret,
        names: [&str; 3],
    ) -> Result<Result<(), WeakPassword>, PasswordError> {
        let (password, names) = (password.clone(), names.map(str::to_owned));
        self.run(move || Ok(check_password(password.expose_secret(), &names)))
            .await
    }

    /// Whether `password` is the one behind `hashed`. Without a hash (no such user) it takes the same time and says no.
    pub async fn verify(
        &self,
        password: Secret,
        hashed: Option<&str>,
    ) -> Result<bool, PasswordError> {
        let known = hashed.is_some();
        let hashed: Arc<str> = hashed.map_or_else(|| self.dummy.clone(), Arc::from);
        let right = self.run(move || verify(&password, &hashed)).await?;
        Ok(known && right)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        // Owned by the closure: a caller that gives up does not free the slot before the work is done.
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Interrupted)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        })
        .await
        .map_err(|_| PasswordError::Interrupted)?
    }
}

fn hash(password: &Secret, randomness: Randomness) -> Result<String, PasswordError> {
    let salt = SaltString::encode_b64(&randomness.bytes::<16>()).map_err(PasswordError::Hash)?;
    Argon2::default()
        .hash_password(password.expose_secret().as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(PasswordError::Hash)
}

fn verify(password: &Secret, hashed: &str) -> Result<bool, PasswordError> {
    let hashed = PasswordHash::new(hashed).map_err(PasswordError::Hash)?;
    match Argon2::default().verify_password(password.expose_secret().as_bytes(), &hashed) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(error) => Err(PasswordError::Hash(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_verifies_and_nobody_has_none() {
        let passwords = Passwords::new(2, Randomness).unwrap();
        let hashed = passwords.hash(Secret::from("correct horse")).await.unwrap();
        assert!(hashed.starts_with("$argon2id$"));
        let check = |raw: &str, hashed| passwords.verify(Secret::from(raw), hashed);
        assert!(check("correct horse", Some(hashed.as_str())).await.unwrap());
        assert!(!check("wrong horse", Some(hashed.as_str())).await.unwrap());
        assert!(!check("nobody's password", None).await.unwrap());
    }
}
