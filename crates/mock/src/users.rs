//! Who can log in.

use crate::{EMAIL, PASSWORD, TENANT};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Someone who can log in to a cloud, once [added](crate::Cloud::add_user).
///
/// ```
/// use imperal_mock::{Cloud, User};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start().await;
/// let id = cloud.add_user(User::new("ann@example.com", "secret").role("admin"));
/// assert!(id.starts_with("imp_u_"));
/// # }
/// ```
#[derive(Clone)]
pub struct User {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) tenant_id: String,
    pub(crate) role: String,
    pub(crate) scopes: Vec<String>,
}

impl User {
    /// A user of the tenant [`TENANT`](crate::TENANT), with the role `user` and every scope.
    pub fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            password: password.into(),
            tenant_id: TENANT.to_owned(),
            role: "user".to_owned(),
            scopes: vec!["*".to_owned()],
        }
    }

    /// Puts the user into this tenant, which a login then has to name.
    ///
    /// ```
    /// use imperal_mock::{Cloud, User};
    ///
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = Cloud::start().await;
    /// cloud.add_user(User::new("ann@example.com", "secret").tenant_id("acme"));
    ///
    /// let login = imperal::Credentials::password("ann@example.com", "secret");
    /// let default = cloud.client_builder().credentials(login.clone()).build()?;
    /// assert!(default.login().await.unwrap_err().is_login_refused());
    /// cloud.client_builder().credentials(login.tenant("acme")).build()?.login().await?;
    /// # Ok(()) }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = tenant_id.into();
        self
    }

    /// Sets the role that tokens and the profile show.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = role.into();
        self
    }

    /// Sets the scopes that tokens and the profile show.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }
}

impl fmt::Debug for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("User")
            .field("email", &self.email)
            .field("tenant_id", &self.tenant_id)
            .field("role", &self.role)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// A user that the cloud knows.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) user: User,
}

/// The users that a cloud knows.
#[derive(Debug)]
pub(crate) struct Users(Mutex<Known>);

#[derive(Debug)]
struct Known {
    /// The one that is there from the start.
    first: Arc<Account>,
    added: Vec<Arc<Account>>,
    /// Those who have signed up, and have not confirmed their address.
    signed_up: Vec<Arc<Account>>,
    made: u64,
}

impl Known {
    fn all(&self) -> impl Iterator<Item = &Arc<Account>> {
        std::iter::once(&self.first).chain(&self.added)
    }

    /// Gives a user an id, or says that the tenant has one with this email address.
    fn make(&mut self, user: User) -> Result<Arc<Account>, String> {
        let is_same = |account: &Arc<Account>| {
            (&account.user.email, &account.user.tenant_id) == (&user.email, &user.tenant_id)
        };
        if self.all().chain(&self.signed_up).any(is_same) {
            let User {
                email, tenant_id, ..
            } = user;
            return Err(format!(
                "the tenant \"{tenant_id}\" has a user with the email address \"{email}\""
            ));
        }
        self.made += 1;
        Ok(account(self.made, user))
    }
}

/// The one that is there from the start.
fn first() -> Arc<Account> {
    account(1, User::new(EMAIL, PASSWORD))
}

fn account(number: u64, user: User) -> Arc<Account> {
    let id = format!("imp_u_{number:016}");
    Arc::new(Account { id, user })
}

impl Default for Users {
    fn default() -> Self {
        Self(Mutex::new(Known {
            first: first(),
            added: Vec::new(),
            signed_up: Vec::new(),
            made: 1,
        }))
    }
}

impl Users {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only the first is left, with the password of the start. No id is given out again.
    pub(crate) fn reset(&self) {
        let mut known = self.known();
        known.first = first();
        known.added.clear();
        known.signed_up.clear();
    }

    /// Adds a user, or says that the tenant has one with this email address.
    pub(crate) fn add(&self, user: User) -> Result<Arc<Account>, String> {
        let mut known = self.known();
        let account = known.make(user)?;
        known.added.push(Arc::clone(&account));
        Ok(account)
    }

    /// Adds a user who can log in once [confirmed](Self::confirm).
    pub(crate) fn sign_up(&self, user: User) -> Result<Arc<Account>, String> {
        let mut known = self.known();
        let account = known.make(user)?;
        known.signed_up.push(Arc::clone(&account));
        Ok(account)
    }

    /// Lets the one with this id log in who has signed up; none if nobody has, or not again.
    pub(crate) fn confirm(&self, id: &str) -> Option<Arc<Account>> {
        let mut known = self.known();
        let place = known.signed_up.iter().position(|one| one.id == id)?;
        let account = known.signed_up.remove(place);
        known.added.push(Arc::clone(&account));
        Some(account)
    }

    /// Gives the user with this id another password, if the present one is this. Returns whether it is.
    pub(crate) fn change_password(&self, id: &str, current: &str, new: &str) -> bool {
        let mut known = self.known();
        let Known { first, added, .. } = &mut *known;
        let mut all = std::iter::once(first).chain(added);
        let Some(account) = all.find(|one| one.id == id && one.user.password == current) else {
            return false;
        };
        let mut user = account.user.clone();
        new.clone_into(&mut user.password);
        let id = id.to_owned();
        *account = Arc::new(Account { id, user });
        true
    }

    /// The one that is there from the start.
    pub(crate) fn first(&self) -> Arc<Account> {
        Arc::clone(&self.known().first)
    }

    pub(crate) fn list(&self) -> Vec<Arc<Account>> {
        self.known().all().cloned().collect()
    }

    /// The user with this id, or the words that there is none.
    pub(crate) fn with_id(&self, id: &str) -> Result<Arc<Account>, String> {
        let known = self.known();
        let found = known.all().find(|account| account.id == id);
        let found = found.cloned();
        found.ok_or_else(|| format!("there is no user with the id \"{id}\""))
    }

    /// Whose password this is.
    pub(crate) fn with_password(
        &self,
        email: &str,
        password: &str,
        tenant_id: &str,
    ) -> Option<Arc<Account>> {
        let known = self.known();
        let mut all = known.all().map(|account| (account, &account.user));
        let found = all.find(|(_, user)| {
            (&*user.email, &*user.password, &*user.tenant_id) == (email, password, tenant_id)
        });
        found.map(|(account, _)| Arc::clone(account))
    }
}
