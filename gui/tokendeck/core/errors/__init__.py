"""
Every error that Tokendeck raises on purpose. Each leaf answers: who can mend it, and when?

    TokendeckError
    ├── ActionNeeded               a person, now                             exit code 1
    │   ├── GrantDead                  sign in again
    │   ├── SignInNeeded               sign in for the first time
    │   ├── SignInRefused              sign in again, or correct what the provider names
    │   ├── SignInEnded                begin another attempt
    │   ├── IssuerMismatch             do not trust that answer; look at the issuer
    │   ├── UnfitIssuer                name another issuer, or write the descriptor by hand
    │   ├── ConfigurationRefused       correct what the connection sends
    │   ├── UnusableToken              ask the provider: its answer cannot be used
    │   ├── LifetimeTooShort           ask for less
    │   ├── OriginNotConfirmed         confirm where the secret would go
    │   ├── ConfirmationNeeded         confirm a hazardous call
    │   └── Paused                     resume the connection
    ├── UsageError                 whoever typed it, now                     exit code 2
    │   ├── DescriptorError            correct the file at the key
    │   ├── FileTaken                  look again, which finds a name that is free
    │   ├── UnknownProvider            name one that exists
    │   ├── FieldError                 correct the field
    │   ├── BadUrl                     correct the URL
    │   ├── UnknownCall                name a test call that exists
    │   ├── NameTaken                  choose another name
    │   ├── NotThisSignIn              paste the address that this attempt ended on
    │   ├── NothingToSignIn            ask for a token right away
    │   ├── NotOffered                 name the endpoint in the descriptor, if there is one
    │   ├── PortInUse                  choose another port
    │   └── CertificateFileError       correct the file, or take it away
    ├── PassingTrouble             time                                      exit code 3
    │   ├── Unreachable                the network, or the other side
    │   ├── ProviderBusy               the provider; perhaps it says when
    │   ├── UnreadableAnswer           whatever stands between, or the provider
    │   ├── HeldByAnother              the process that holds the connection's lock
    │   └── BudgetSpent                the next window of the rate budget
    ├── VaultUnavailable           a person at the keyring or the disk       exit code 4
    │   ├── VaultLocked                unlock it
    │   ├── VaultNotSetUp              mend the keyring, or choose a passphrase
    │   ├── KeyringTrouble             whoever can mend the keyring that guards this vault
    │   │   ├── KeyringLocked              unlock it
    │   │   ├── KeyringMute                wait for it
    │   │   ├── KeyringMissing             start it
    │   │   ├── KeyringChanged             bring back the one that guards this vault
    │   │   └── KeyLost                    bring back the key, or start a new vault
    │   ├── WrongKey                   whoever gave it
    │   │   ├── WrongPassphrase            type it again
    │   │   └── WrongRecoveryKey           type it again, or find the one that is this vault's
    │   ├── VaultDamaged               look at it and save it again, or restore the store from a backup
    │   ├── StoreDamaged               start anew; the damaged file is kept
    │   ├── StoreTooNew                update Tokendeck
    │   └── StoreUnwritable            free the disk, or change the folder's mode
    └── NoSuchConnection           whoever typed it, now                     exit code 5

Foreign exceptions are translated into these at a room's door. Errors carry facts and no secrets; `wording` makes the
sentences.
"""

from tokendeck.core.errors.action import (
    ActionNeeded,
    ConfigurationRefused,
    ConfirmationNeeded,
    EndOfSignIn,
    GrantDead,
    IssuerMismatch,
    LifetimeTooShort,
    OriginNotConfirmed,
    Paused,
    SignInEnded,
    SignInNeeded,
    SignInRefused,
    UnfitIssuer,
    UnusableToken,
)
from tokendeck.core.errors.passing import (
    BudgetSpent,
    HeldByAnother,
    NetworkStep,
    PassingTrouble,
    ProviderBusy,
    TlsFault,
    Unreachable,
    UnreadableAnswer,
)
from tokendeck.core.errors.root import (
    TokendeckError,
)
from tokendeck.core.errors.usage import (
    BadUrl,
    CertificateFileError,
    DescriptorError,
    FieldError,
    FileTaken,
    NameTaken,
    NoSuchConnection,
    NothingToSignIn,
    NotOffered,
    NotThisSignIn,
    PortInUse,
    UnknownCall,
    UnknownProvider,
    UsageError,
)
from tokendeck.core.errors.vault import (
    Hindrance,
    KeyLost,
    KeyringChanged,
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    KeyringTrouble,
    StoreDamaged,
    StoreTooNew,
    StoreUnwritable,
    VaultDamaged,
    VaultLocked,
    VaultNotSetUp,
    VaultUnavailable,
    WrongKey,
    WrongPassphrase,
    WrongRecoveryKey,
)

__all__ = [
    "ActionNeeded",
    "BadUrl",
    "BudgetSpent",
    "CertificateFileError",
    "ConfigurationRefused",
    "ConfirmationNeeded",
    "DescriptorError",
    "EndOfSignIn",
    "FieldError",
    "FileTaken",
    "GrantDead",
    "HeldByAnother",
    "Hindrance",
    "IssuerMismatch",
    "KeyLost",
    "KeyringChanged",
    "KeyringLocked",
    "KeyringMissing",
    "KeyringMute",
    "KeyringTrouble",
    "LifetimeTooShort",
    "NameTaken",
    "NetworkStep",
    "NoSuchConnection",
    "NotOffered",
    "NotThisSignIn",
    "NothingToSignIn",
    "OriginNotConfirmed",
    "PassingTrouble",
    "Paused",
    "PortInUse",
    "ProviderBusy",
    "SignInEnded",
    "SignInNeeded",
    "SignInRefused",
    "StoreDamaged",
    "StoreTooNew",
    "StoreUnwritable",
    "TlsFault",
    "TokendeckError",
    "UnfitIssuer",
    "UnknownCall",
    "UnknownProvider",
    "Unreachable",
    "UnreadableAnswer",
    "UnusableToken",
    "UsageError",
    "VaultDamaged",
    "VaultLocked",
    "VaultNotSetUp",
    "VaultUnavailable",
    "WrongKey",
    "WrongPassphrase",
    "WrongRecoveryKey",
]
