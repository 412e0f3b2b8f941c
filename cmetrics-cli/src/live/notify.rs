//! Telling a supervisor such as systemd what state this is in, by its protocol of datagrams.

use std::time::Duration;

/// The supervisor, if there is one.
#[derive(Debug, Default)]
pub(super) struct Supervisor {
    #[cfg(unix)]
    socket: Option<std::os::unix::net::UnixDatagram>,
    /// How often it wants to be told that this is alive.
    beat: Option<Duration>,
}

impl Supervisor {
    /// The one that the environment names.
    pub(super) fn from_environment() -> Self {
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let is_ours = number("WATCHDOG_PID").is_none_or(|id| id == u64::from(std::process::id()));
        let beat = number("WATCHDOG_USEC").filter(|micros| is_ours && *micros > 0);
        Self {
            #[cfg(unix)]
            socket: std::env::var_os("NOTIFY_SOCKET")
                .and_then(|name| socket::connected(&name).ok()),
            // Half of the time after which it would end this.
            beat: beat.map(|micros| Duration::from_micros(micros / 2)),
        }
    }

    /// Tells it a state such as `READY=1`. Where that fails, it is its matter.
    pub(super) fn tell(&self, state: &str) {
        #[cfg(unix)]
        if let Some(socket) = &self.socket {
            let _ = socket.send(state.as_bytes());
        }
        #[cfg(not(unix))]
        let _ = state;
    }

    /// When it is to be told next that this is alive; never if it does not want to know.
    pub(super) async fn next_beat(&self) {
        match self.beat {
            Some(beat) => tokio::time::sleep(beat).await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
mod socket {
    use std::ffi::OsStr;
    use std::io;
    use std::os::unix::net::UnixDatagram;

    /// A socket that sends to this one: a path, or on Linux an abstract name after an `@`.
    pub(super) fn connected(name: &OsStr) -> io::Result<UnixDatagram> {
        let socket = UnixDatagram::unbound()?;
        #[cfg(target_os = "linux")]
        {
            use std::os::linux::net::SocketAddrExt;
            use std::os::unix::ffi::OsStrExt;
            use std::os::unix::net::SocketAddr;

            if let Some(name) = name.as_bytes().strip_prefix(b"@") {
                socket.connect_addr(&SocketAddr::from_abstract_name(name)?)?;
                return Ok(socket);
            }
        }
        socket.connect(name)?;
        Ok(socket)
    }
}
