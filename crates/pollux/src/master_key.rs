//! The master key: where it is kept, and how another one takes its place.
//!
//! An exchange first puts the new key into a file beside that of the present one, then seals the
//! database anew, and at last renames the file. Wherever that breaks off, the next start finds a
//! key that fits and brings it to its end. A new key that is configured is taken the same way.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use pollux_pool::time::Timestamp;
use pollux_store::{
    cipher::{Cipher, MasterKey},
    sql::Sql,
    store::{Store, StoreError},
};

use crate::{config::Config, open::OpenError};

/// Opens the store with whichever of the known keys it is sealed under; the first start makes one.
///
/// # Errors
/// When no key can be read or made, or none is the one that the database was sealed under.
pub(crate) async fn open(
    config: &Config,
    sql: Arc<dyn Sql>,
    now: Timestamp,
) -> Result<Store, OpenError> {
    let files = Files::of(config);
    let mut known: Vec<MasterKey> = present(config, &files)?.into_iter().collect();
    known.extend(config.master_key_next.clone());
    known.extend(next_file(config, &files)?);
    if known.is_empty() {
        let key = MasterKey::generate()?;
        files.begin(&key)?;
        known.push(key);
    }
    for key in known {
        match Store::open(Arc::clone(&sql), Cipher::new(&key)?, now).await {
            Err(StoreError::WrongMasterKey) => {}
            opened => return Ok(opened?),
        }
    }
    Err(StoreError::WrongMasterKey.into())
}

/// Brings an exchange to its end that is wanted or was begun: for the one program that serves.
///
/// # Errors
/// When the database or the file cannot be written.
pub(crate) async fn settle(config: &Config, store: &Store) -> Result<(), OpenError> {
    let files = Files::of(config);
    if let Some(next) = config.master_key_next.clone().or(next_file(config, &files)?)
        && !store.cipher().await.is_same(&Cipher::new(&next)?)
    {
        store.exchange(&next).await?;
        tracing::info!("the database is sealed under the new master key");
    }
    if config.master_key.is_none() && config.master_key_next.is_none() {
        files.complete()?;
    }
    Ok(())
}

/// Puts a new key, of which the file alone knows, in the place of the present one.
///
/// # Errors
/// When the file is not that of the store's key, or it or the database cannot be written.
pub(crate) async fn exchange(config: &Config, store: &Store) -> Result<(), OpenError> {
    let files = Files::of(config);
    let fits = async |key: Option<MasterKey>| match key {
        Some(key) => Ok::<_, OpenError>(store.cipher().await.is_same(&Cipher::new(&key)?)),
        None => Ok(false),
    };
    if fits(read(&files.next)?).await? {
        // The exchange before could not be brought to its end.
        files.complete()?;
    }
    if !fits(read(&files.present)?).await? {
        return Err(OpenError::NotItsKey(files.present));
    }
    let next = MasterKey::generate()?;
    files.begin(&next)?;
    store.exchange(&next).await?;
    files.complete()?;
    tracing::info!("the database is sealed under a new master key");
    Ok(())
}

/// The key that is configured, or else kept.
fn present(config: &Config, files: &Files) -> Result<Option<MasterKey>, OpenError> {
    match &config.master_key {
        Some(key) => Ok(Some(key.clone())),
        None => read(&files.present),
    }
}

/// The key that is to follow, or has followed, the one in the file.
fn next_file(config: &Config, files: &Files) -> Result<Option<MasterKey>, OpenError> {
    if config.master_key.is_some() { Ok(None) } else { read(&files.next) }
}

/// Where keys are kept.
struct Files {
    directory: PathBuf,
    present: PathBuf,
    next: PathBuf,
    /// Where a key is written whole before it gets its name.
    draft: PathBuf,
}

impl Files {
    fn of(config: &Config) -> Self {
        let directory = config.data_dir.clone();
        let [present, next, draft] =
            ["master.key", "master.key.new", "master.key.tmp"].map(|name| directory.join(name));
        Self { directory, present, next, draft }
    }

    /// Writes the key that is to follow, for its owner alone.
    fn begin(&self, key: &MasterKey) -> Result<(), OpenError> {
        write_private(&self.draft, key.to_text().expose()).map_err(unusable(&self.draft))?;
        fs::rename(&self.draft, &self.next).map_err(unusable(&self.next))?;
        sync(&self.directory).map_err(unusable(&self.directory))
    }

    /// Makes the key that was to follow the present one, if there is one.
    fn complete(&self) -> Result<(), OpenError> {
        match fs::rename(&self.next, &self.present) {
            Ok(()) => sync(&self.directory).map_err(unusable(&self.directory)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unusable(&self.present)(error)),
        }
    }
}

fn read(path: &Path) -> Result<Option<MasterKey>, OpenError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(MasterKey::from_text(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path)(error)),
    }
}

fn unusable(path: &Path) -> impl Fn(io::Error) -> OpenError {
    move |source| OpenError::File { path: path.to_owned(), source }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    // What an exchange that broke off has left may be readable by others.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Names are on the disk too, where a directory can be told to write them.
#[cfg(unix)]
fn sync(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}
