//! How a login from elsewhere is taken over, and how one ends.

use super::EngineState;
use super::login::{Unsaved, mark};
use crate::{Error, TokenPair};

impl EngineState {
    /// Takes over a pair that a login made elsewhere has brought, and stores it.
    pub(super) async fn take_over(&self, pair: TokenPair) -> Result<(), Error> {
        let asked_at = self.clock.now();
        let _turn = self.turn.lock().await;
        // Whoever allowed this login will not do so twice: without the lock it is kept in memory.
        let (mut locked, problem) = match self.lock().await {
            Ok(locked) => (locked, None),
            Err(error) => (None, Some(error)),
        };
        // It takes the place of what is stored now, whoever that belongs to. If it cannot be stored at once, it is
        // not to take the place of what comes later.
        let stored = match &mut locked {
            Some(locked) => locked.load().await.ok().flatten(),
            None => None,
        };
        {
            let mut login = self.login();
            login.seen = stored.as_ref().map(mark).cloned();
            login.given = None;
            login.may_change_account = true;
            login.ended = None;
            login.failed = None;
        }
        drop(self.keep(&mut locked, &pair, asked_at).await);
        let mut login = self.login();
        if let Some(reason) = problem {
            login.unsaved = Some(Unsaved {
                reason,
                tried: false,
            });
        }
        match &login.unsaved {
            Some(Unsaved { reason, .. }) => Err(Error::token_store(
                "the tokens serve this client and could not be stored for others",
            )
            .with_hint(reason.to_string())),
            None => Ok(()),
        }
    }

    /// Forgets the login here and in the store, and ends it at the service.
    pub(super) async fn end(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        let (mut locked, mut problem) = match self.lock().await {
            Ok(locked) => (locked, None),
            Err(error) => (None, Some(error)),
        };
        let mut stored = match &mut locked {
            // What cannot be read is forgotten all the same.
            Some(locked) => locked.load().await.ok().flatten(),
            None => None,
        };
        let own = self.login().refresh_token().cloned();
        if let Some(tokens) = &stored
            && let Err(error) = self.check(tokens)
        {
            // Another login is left as it is, which is worth an error only where there is nothing else to end.
            (locked, stored) = (None, None);
            problem = own.is_none().then_some(error);
        }
        let latest = {
            let mut login = self.login();
            let theirs = stored
                .as_ref()
                .and_then(|stored| stored.refresh_token.clone());
            // Another process may have rotated what is stored; but what could not be stored came after it.
            let is_older = login.supersedes(stored.as_ref().map(mark))
                || theirs
                    .as_ref()
                    .is_some_and(|token| login.dead.contains(token));
            let latest = if is_older { own } else { theirs.or(own) };
            login.forget();
            if let Some(stored) = &stored {
                login.dead.add(&stored.access_token);
            }
            if let Some(latest) = &latest {
                login.dead.add(latest);
            }
            latest
        };
        let told = match latest {
            Some(refresh_token) => {
                if let Some(locked) = &mut locked {
                    // Where this fails because the lock is lost, so will `clear` if it matters.
                    drop(locked.extend().await);
                }
                self.authority.logout(refresh_token).await
            }
            None => Ok(()),
        };
        if let Some(locked) = &mut locked {
            locked.clear().await?;
        }
        told.and(problem.map_or(Ok(()), Err))
    }
}
