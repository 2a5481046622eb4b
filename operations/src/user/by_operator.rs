//! What an operator does for a deployment that nobody can sign in to any more.

use chancery_aggregates::api_key::DeletionReason;
use chancery_aggregates::deployment::{self, Command as DeploymentCommand, Deployment, Error};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::oauth2_grant::RevocationReason;
use chancery_aggregates::user::Command;
use chancery_projections::user::{self, UserRef};

use super::User;
use super::begin::{begin, check_strength, hash};
use super::create::{NewUser, taken};
use super::end::Ending;
use super::password::none_to_change;
use super::sign_in::account;
use super::thing::{Person, Unborn};
use crate::Operator;
use crate::failure::Failure;
use crate::policy::{Action, Role};
use crate::reference::whole_id;
use crate::secret::Secret;

/// Makes an active user, of the default organization unless others are named. An owner also claims a deployment that is nobody's yet,
/// as the first user does.
pub async fn create_by_operator(
    operator: &Operator,
    mut new: NewUser,
    is_owner: bool,
) -> Result<User, Failure> {
    let services = operator.services();
    let id = services.randomness().id_at(services.clock().now());
    "active".clone_into(&mut new.status);
    if new.organization_ids.is_empty() {
        new.organization_ids = vec![services.deployment().default_organization_id];
    }
    let roles: &[Role] = if is_owner { &[Role::Owner] } else { &[] };
    let (command, organization_ids) = &new.into_command(services, roles).await?;
    let user = Unborn(id);
    operator
        .may(Action::Create, &user)
        .unit(|mut unit| async move {
            begin(&mut unit, id, command.clone(), organization_ids).await?;
            if is_owner {
                let claim = DeploymentCommand::ClaimFirstUser { user_id: id };
                match unit
                    .try_also::<Deployment>(deployment::STREAM_ID, claim)
                    .await?
                {
                    Ok(_) | Err(Error::FirstUserExists) => {}
                    Err(refused) => return Err(Failure::of_refusal(&refused)),
                }
            }
            unit.done(())
        })
        .await
        .map_err(|failure| failure.or_taken(taken))?;
    let made = user::find(services.pool(), UserRef::Id(id)).await?;
    made.ok_or(Failure::NotFound)
}

/// Gives a user, whom `text` names by its UUID, user name or e-mail address, another password. Every key and token of the user ends.
pub async fn reset_password(
    operator: &Operator,
    text: &str,
    password: Secret,
) -> Result<User, Failure> {
    let services = operator.services();
    // What servers have recorded until now may be new to this process' read models.
    services.wait_until_present_shows(&["user"]).await?;
    let reference = match whole_id(text) {
        Some(id) => UserRef::Id(id),
        None if text.contains('@') => UserRef::Email(text),
        None => UserRef::Username(text),
    };
    let found = user::find(services.pool(), reference).await?;
    let user = found.ok_or(Failure::NotFound)?;
    check_strength(
        services,
        &password,
        [&user.email, &user.username, &user.name],
    )
    .await?;
    let account = account(services, user.id).await?.ok_or(Failure::NotFound)?;
    if account.login_type != LoginType::Password {
        return Err(none_to_change());
    }
    let person = Person(user.id);
    let leave = operator.may(Action::Update, &person);
    let ending = Ending {
        leave: &leave,
        user_id: user.id,
        command: Command::ChangePassword {
            hashed_password: hash(services, password).await?,
        },
        leaves: None,
        keys: Some(DeletionReason::PasswordChanged),
        grants: Some(RevocationReason::PasswordChanged),
    };
    ending.run().await?;
    Ok(user)
}
