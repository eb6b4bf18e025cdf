//! Another master key: everything that is sealed, and every fingerprint, made anew in one batch.

use crate::cipher::{Cipher, MasterKey, Place};
use crate::sql::{Row, Statement};
use crate::store::{CHECK_PLACE, Store, StoreError, check};
use crate::{keys, settings, users};

const KEYS: &str = "SELECT id, sealed, proxy FROM gemini_keys";
const SEAL_KEY: &str = "UPDATE gemini_keys
    SET fingerprint = $2, sealed = $3, proxy = NULLIF($4, '') WHERE id = $1";
const USERS: &str = "SELECT id, sealed, previous_sealed FROM users";
const SEAL_USER: &str = "UPDATE users SET fingerprint = $2, sealed = $3,
        previous_fingerprint = NULLIF($4, ''), previous_sealed = NULLIF($5, '')
    WHERE id = $1";
const SETTINGS: &str = "SELECT id, sealed FROM settings";
const SEAL_SETTING: &str = "UPDATE settings SET sealed = $2 WHERE id = $1";
const SEAL_CHECK: &str = "UPDATE master_key SET sealed = $2 WHERE id = $1";

impl Store {
    /// Seals everything under another master key, all or nothing; from then on no other opens it.
    ///
    /// Every clone of the store goes on with it. Whoever reads or writes what is sealed meanwhile
    /// waits until it is done.
    pub async fn exchange(&self, master: &MasterKey) -> Result<(), StoreError> {
        let next = Cipher::new(master)?;
        let mut cipher = self.cipher.write().await;
        if cipher.is_same(&next) {
            return Ok(());
        }
        let anew = Anew { old: &cipher, new: &next };
        let check = Statement::new(SEAL_CHECK).bind(CHECK_PLACE.row).bind(check(&next)?);
        let mut changes = vec![check];
        for row in self.sql.query(Statement::new(KEYS)).await? {
            changes.push(anew.key(&row)?);
        }
        for row in self.sql.query(Statement::new(USERS)).await? {
            changes.push(anew.user(&row)?);
        }
        for row in self.sql.query(Statement::new(SETTINGS)).await? {
            changes.push(anew.setting(&row)?);
        }
        self.sql.batch(changes).await?;
        *cipher = next;
        Ok(())
    }
}

/// Opens with the one, seals with the other.
struct Anew<'a> {
    old: &'a Cipher,
    new: &'a Cipher,
}

impl Anew<'_> {
    fn key(&self, row: &Row) -> Result<Statement, StoreError> {
        let id = row.integer("id")?;
        let (fingerprint, sealed) = self.both(row.text("sealed")?, keys::place(id))?;
        let proxy = row.optional_text("proxy")?;
        let proxy = proxy.map(|proxy| self.both(proxy, keys::proxy_place(id))).transpose()?;
        let (_, proxy) = proxy.unwrap_or_default();
        Ok(Statement::new(SEAL_KEY).bind(id).bind(fingerprint).bind(sealed).bind(proxy))
    }

    fn user(&self, row: &Row) -> Result<Statement, StoreError> {
        let id = row.integer("id")?;
        let (fingerprint, sealed) = self.both(row.text("sealed")?, users::place(id))?;
        // It was sealed when it was the present one, and for that place.
        let before = row.optional_text("previous_sealed")?;
        let before = before.map(|sealed| self.both(sealed, users::place(id))).transpose()?;
        let (print_before, sealed_before) = before.unwrap_or_default();
        let row = Statement::new(SEAL_USER).bind(id).bind(fingerprint).bind(sealed);
        Ok(row.bind(print_before).bind(sealed_before))
    }

    fn setting(&self, row: &Row) -> Result<Statement, StoreError> {
        let id = row.integer("id")?;
        let (_, sealed) = self.both(row.text("sealed")?, settings::place(id))?;
        Ok(Statement::new(SEAL_SETTING).bind(id).bind(sealed))
    }

    /// The fingerprint of what is sealed, and the same sealed anew.
    fn both(&self, sealed: &str, place: Place) -> Result<(String, String), StoreError> {
        let secret = self.old.open(sealed, place)?;
        let fingerprint = self.new.fingerprint(secret.expose().as_bytes()).to_string();
        Ok((fingerprint, self.new.seal(&secret, place)?))
    }
}
