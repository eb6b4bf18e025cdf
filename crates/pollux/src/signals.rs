//! How the program is told to stop: SIGTERM, or Ctrl-C.

use std::io;

use tokio::signal;

/// Resolves at the next signal to stop.
///
/// # Errors
/// When signals cannot be received.
#[cfg(unix)]
pub async fn stop() -> io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        pressed = signal::ctrl_c() => pressed,
    }
}

/// Resolves at the next signal to stop.
///
/// # Errors
/// When signals cannot be received.
#[cfg(not(unix))]
pub async fn stop() -> io::Result<()> {
    signal::ctrl_c().await
}
