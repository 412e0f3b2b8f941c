//! Who a machine is.

use serde::Deserialize;
use tokio::time::Instant;

use super::Poller;
use crate::failure::{Failure, FailureKind};
use crate::net::{Ask, plain};
use crate::state::MachineIdentity;

/// What counts of cAdvisor's `MachineInfo`. A value of another type is not told.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MachineInfo {
    machine_id: serde_json::Value,
    system_uuid: serde_json::Value,
    boot_id: serde_json::Value,
    num_cores: serde_json::Value,
    memory_capacity: serde_json::Value,
}

/// The longest id that is taken, in bytes.
const LONGEST_ID: usize = 256;

impl Poller {
    /// Asks a cAdvisor for its machine. `None` if it does not tell.
    pub(crate) async fn ask_who(
        &mut self,
        deadline: Instant,
    ) -> Result<Option<MachineIdentity>, Failure> {
        let path = "/api/v1.3/machine".to_owned();
        let ask = Ask { path, body: None, accept: "application/json" };
        let mut reply = match self.client.ask(&ask, deadline).await {
            Ok(reply) => reply,
            // What it says to other requests counts.
            Err(failure) if matches!(failure.kind, FailureKind::Status(_)) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        if let Some(cut) = reply.cut.take() {
            return Err(cut);
        }
        Ok(identity(&plain(&mut reply)))
    }
}

/// Who a machine says that it is.
fn identity(body: &[u8]) -> Option<MachineIdentity> {
    let info: MachineInfo = serde_json::from_slice(body).ok()?;
    let id = |told: &serde_json::Value| {
        let text = told.as_str().unwrap_or_default().trim();
        (1..=LONGEST_ID).contains(&text.len()).then(|| text.to_owned())
    };
    let number = |told: &serde_json::Value| told.as_u64().filter(|number| *number > 0);
    Some(MachineIdentity {
        machine_id: id(&info.machine_id),
        system_uuid: id(&info.system_uuid),
        boot_id: id(&info.boot_id),
        cores: number(&info.num_cores),
        memory_bytes: number(&info.memory_capacity),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_does_not_tell_is_not_known() {
        let told = identity(
            br#"{"num_cores":4,"memory_capacity":8,"machine_id":"ab","system_uuid":"","boot_id":7}"#,
        );
        let told = told.unwrap();
        assert_eq!((told.cores, told.memory_bytes), (Some(4), Some(8)));
        assert_eq!(told.machine_id.as_deref(), Some("ab"));
        assert_eq!((told.system_uuid, told.boot_id), (None, None));
        assert_eq!(identity(b"{}"), Some(MachineIdentity::default()));
        assert_eq!(identity(b"7"), None);
        assert_eq!(identity(b"<html>"), None);
    }
}
