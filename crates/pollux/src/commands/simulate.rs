//! `pollux simulate`: a Gemini without Google.

use std::{error::Error, fs, net::SocketAddr, path::PathBuf, sync::Arc};

use pollux_simulator::{Behaviour, Clock, Recording, Script, Simulator};
use tokio::net::TcpListener;

use super::say;
use crate::{clock, signals};

/// Plays Gemini until the process is told to stop.
///
/// # Errors
/// When the script or the address cannot be used.
pub async fn run(
    listen: &str,
    keys: &str,
    script: Option<PathBuf>,
    replay: Option<PathBuf>,
) -> Result<(), Box<dyn Error>> {
    let script = match script {
        Some(path) => Script::from_json(&fs::read(path)?)?,
        None => keys.parse()?,
    };
    let script = match replay {
        Some(path) => {
            script.others(Behaviour::Replay(Arc::new(Recording::read(&fs::read(path)?)?)))
        }
        None => script,
    };
    let address: SocketAddr =
        listen.parse().map_err(|_| format!("--listen: `{listen}` is not an address and port"))?;
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    say(&format!(
        "A simulated Gemini on http://{address}\n\
         What it received  http://{address}/_simulator/requests\n\
         Per key           http://{address}/_simulator/summary"
    ));
    let clock = Clock::new(|| clock::now().as_micros());
    Simulator::new(script, clock)
        .serve(listener, async {
            let _ = signals::stop().await;
        })
        .await?;
    Ok(())
}
