//! The flow that makes points of a container's samples.

use crate::series::{Flow, ScratchFlow};

/// A container's own flow, or a pooled one that all containers use in turn.
pub(super) enum ActiveFlow {
    Own(Box<Flow>),
    Pooled(ScratchFlow),
}

impl ActiveFlow {
    pub(super) fn flow(&mut self) -> &mut Flow {
        match self {
            Self::Own(flow) => flow,
            Self::Pooled(pooled) => &mut pooled.flow,
        }
    }

    pub(super) fn into_own(self) -> Box<Flow> {
        match self {
            Self::Own(flow) => flow,
            Self::Pooled(pooled) => pooled.flow,
        }
    }
}
