//! How the program is told to stop (SIGTERM, or Ctrl-C) and to read its settings anew (SIGHUP).

use std::io;

use tokio::signal;

/// Signals to stop.
#[derive(Debug)]
pub struct Stops {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
}

impl Stops {
    /// Begins to take them: from now on none of them ends the process.
    ///
    /// # Errors
    /// When signals cannot be received.
    #[cfg(unix)]
    pub fn new() -> io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Begins to take them.
    ///
    /// # Errors
    /// Never here.
    #[cfg(not(unix))]
    pub const fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Resolves at the next one.
    ///
    /// # Errors
    /// Never here.
    #[cfg(unix)]
    pub async fn next(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => Ok(()),
            _ = self.interrupt.recv() => Ok(()),
        }
    }

    /// Resolves at the next one.
    ///
    /// # Errors
    /// When signals cannot be received.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> io::Result<()> {
        signal::ctrl_c().await
    }
}

/// Resolves at the next signal to stop.
///
/// # Errors
/// When signals cannot be received.
pub async fn stop() -> io::Result<()> {
    Stops::new()?.next().await
}

/// Signals to read the settings anew; there are none where the system has no SIGHUP.
#[derive(Debug, Default)]
pub struct Hangups {
    /// Nothing where they are left to the system.
    #[cfg(unix)]
    signals: Option<signal::unix::Signal>,
}

impl Hangups {
    /// Begins to take them: from now on none of them ends the process.
    ///
    /// # Errors
    /// When signals cannot be received.
    #[cfg(unix)]
    pub fn new() -> io::Result<Self> {
        Ok(Self { signals: Some(signal::unix::signal(signal::unix::SignalKind::hangup())?) })
    }

    /// Begins to take them.
    ///
    /// # Errors
    /// Never here.
    #[cfg(not(unix))]
    pub const fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Resolves at the next one.
    #[cfg(unix)]
    pub async fn next(&mut self) {
        if let Some(signals) = &mut self.signals
            && signals.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }

    /// Never resolves.
    #[cfg(not(unix))]
    pub async fn next(&mut self) {
        std::future::pending().await
    }
}
