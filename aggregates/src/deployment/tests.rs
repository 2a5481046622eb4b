use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::organization::OrganizationId;
use crate::user::UserId;

const DEPLOYMENT: DeploymentId = DeploymentId::from_u128(1);
const ORGANIZATION: OrganizationId = OrganizationId::from_u128(2);
const USER: UserId = UserId::from_u128(3);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<Deployment>> {
    TestFramework::with(()).given(events)
}

fn initialized() -> Event {
    Event::DeploymentInitialized {
        deployment_id: DEPLOYMENT,
        default_organization_id: ORGANIZATION,
    }
}

fn initialize() -> Command {
    Command::InitializeDeployment {
        deployment_id: DEPLOYMENT,
        default_organization_id: ORGANIZATION,
    }
}

#[test]
fn a_deployment_is_initialized_once() {
    given(vec![])
        .when(initialize())
        .then_expect_events(vec![initialized()]);
    given(vec![initialized()])
        .when(initialize())
        .then_expect_error(Error::AlreadyInitialized);
}

#[test]
fn only_one_user_is_the_first() {
    let claim = Command::ClaimFirstUser { user_id: USER };
    let claimed = Event::FirstUserClaimed { user_id: USER };
    given(vec![])
        .when(claim.clone())
        .then_expect_error(Error::NotInitialized);
    given(vec![initialized()])
        .when(claim)
        .then_expect_events(vec![claimed.clone()]);
    given(vec![initialized(), claimed])
        .when(Command::ClaimFirstUser {
            user_id: UserId::from_u128(4),
        })
        .then_expect_error(Error::FirstUserExists);
}
