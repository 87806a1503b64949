//! When the operator plans: when something changed, and at the time that its last plan named. A plan of each second would hide that
//! nobody wakes it, and take most of the time that worlds take.

use super::*;

/// What there was when a plan had nothing to do, and for how long that holds: whatever clocks say, it is that long.
#[derive(Clone, PartialEq)]
pub struct Quiet {
    world: Box<World>,
    left: Duration,
}

impl World {
    /// The plan of this second, if there is one.
    ///
    /// # Panics
    /// Where each second is planned ([`World::each_second`]), and a plan before its time decides something.
    pub(super) fn planned(&mut self) -> Option<Plan> {
        let quiet = self.quiet.take().and_then(|quiet| self.is_as(quiet));
        if quiet.is_some() && !self.each_second {
            self.quiet = quiet;
            return None;
        }
        let plan = self.decide();
        let is_quiet = plan.effects.is_empty() && self.object.status.as_ref() == Some(&plan.status);
        if let Some(Quiet { left, .. }) = quiet {
            assert!(is_quiet, "nobody plans for {left:?}, and at {} there is something to do: {plan:#?}", self.now);
        }
        if is_quiet {
            self.quiet = Some(Quiet { world: Box::new(Self { quiet: None, ..self.clone() }), left: plan.next });
        }
        Some(plan)
    }

    /// Nothing but another second has passed since, and it is not yet time. Nobody is woken when a clock is set; a plan then may well find
    /// something to do.
    fn is_as(&self, mut quiet: Quiet) -> Option<Quiet> {
        let is_set = self.now != quiet.world.now + SignedDuration::from_secs(1);
        if is_set && self.each_second {
            return None;
        }
        quiet.left = quiet.left.checked_sub(Duration::from_secs(1)).filter(|left| !left.is_zero())?;
        quiet.world.now = self.now;
        (*quiet.world == *self).then_some(quiet)
    }
}
