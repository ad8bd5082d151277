# bash completion for tsp; made by: tsp completion bash
_tsp() {
  local current="${COMP_WORDS[COMP_CWORD]}" before="" noun="" verb="" candidates="" values="" i
  if ((COMP_CWORD > 1)); then before="${COMP_WORDS[COMP_CWORD - 1]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${COMP_WORDS[i]}" in
      --home|--socket|--color) i=$((i + 1)) ;;
      -*) ;;
      *) if [ -z "$noun" ]; then noun="${COMP_WORDS[i]}"; elif [ -z "$verb" ]; then verb="${COMP_WORDS[i]}"; fi ;;
    esac
  done
  COMPREPLY=()
  case "$noun $verb $before" in
    *"--color") values="auto always never" ;;
    "init "*"--ca-algorithm") values="ecdsa-p256 ecdsa-p384 ecdsa-p521 rsa-3072 rsa-4096" ;;
    "user enroll "*"--kind") values="natural legal" ;;
    "user factor "*"--type") values="pin totp hotp ocra oob device" ;;
    "device init "*"--algorithm") values="ecdsa-p256 ed25519" ;;
    "group add "*"--enrolment") values="one-step two-step" ;;
    "group add "*"--bare-hashes") values="yes no" ;;
    "group add "*"--list-credentials") values="yes no" ;;
    "group add "*"--seal-operators") values="0 1 2" ;;
    "group add "*"--api-key") values="new none" ;;
    "group set "*"--enrolment") values="one-step two-step" ;;
    "group set "*"--bare-hashes") values="yes no" ;;
    "group set "*"--list-credentials") values="yes no" ;;
    "group set "*"--seal-operators") values="0 1 2" ;;
    "group set "*"--state") values="active suspended" ;;
    "group set "*"--api-key") values="new none" ;;
    "key generate "*"--algorithm") values="ecdsa-p256 ecdsa-p384 ecdsa-p521 rsa-3072 rsa-4096 ed25519" ;;
    "key generate "*"--scal") values="1 2" ;;
    "cert revoke "*"--reason") values="unspecified keyCompromise cACompromise affiliationChanged superseded cessationOfOperation privilegeWithdrawn" ;;
    "crl issue "*"--ca") values="root issuing" ;;
    "sign "*"--scal") values="1 2" ;;
    "sign "*"--level") values="B-B B-T B-LT B-LTA" ;;
    "sign "*"--format") values="pades" ;;
    "sign "*"--hash-algorithm") values="sha256 sha384 sha512" ;;
    "sign "*"--certify") values="no-changes forms forms-and-comments" ;;
    "timestamp "*"--hash-algorithm") values="sha256 sha384 sha512" ;;
    "ltv-extend "*"--level") values="B-T B-LT B-LTA" ;;
    "serve "*"--role") values="all auth sign" ;;
  esac
  if [ -n "$values" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
    return
  fi
  case "$noun $verb" in
    " ") candidates="init status doctor config user device group seal key cert crl sign timestamp ltv-extend validate trust audit serve version help completion --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "config ") candidates="show" ;;
    "user ") candidates="enroll list show suspend resume unlock activate pin factor history remove" ;;
    "device ") candidates="init list approve" ;;
    "group ") candidates="add list show set report" ;;
    "seal ") candidates="open approve close list" ;;
    "key ") candidates="generate list show destroy" ;;
    "cert ") candidates="issue renew request import list show revoke export" ;;
    "crl ") candidates="issue publish" ;;
    "trust ") candidates="add list remove update" ;;
    "audit ") candidates="verify show checkpoint" ;;
    "init ") candidates="--name --country --ca-algorithm --pki-url --root-pin-out --hsm-module --hsm-token --hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "status ") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "doctor ") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "config show") candidates="--origin --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user enroll") candidates="--common-name --given-name --surname --serial-number --organization --organization-id --email --country --kind --group --proofing-record --terms --pin-from --totp-uri-out --enrolment-code-out --factors-elsewhere --renew-code --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user suspend") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user resume") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user unlock") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user activate") candidates="--enrolment-code-from --pin-from --totp-uri-out --device-card --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user pin") candidates="--pin-from --new-pin-from --share-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user factor") candidates="--type --uri-out --device-card --address --pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user history") candidates="--since --until --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user remove") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "device init") candidates="--user --provider --name --algorithm --card-out --device --passphrase-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "device list") candidates="--device --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "device approve") candidates="--refuse --device --passphrase-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group add") candidates="--profile --factors-scal1 --factors-scal2 --enrolment --bare-hashes --documents --approval --list-credentials --seal-operators --api-key --api-key-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group set") candidates="--profile --factors-scal1 --factors-scal2 --enrolment --bare-hashes --documents --approval --list-credentials --seal-operators --state --api-key --api-key-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group report") candidates="--since --until --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal open") candidates="--user --key --count --for --until --from --credential-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal approve") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal close") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal list") candidates="--user --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key generate") candidates="--user --algorithm --scal --label --pin-from --share-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key list") candidates="--user --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key destroy") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert issue") candidates="--key --user --profile --days --hours -o --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert renew") candidates="--hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert request") candidates="-o --force --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert import") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert revoke") candidates="--reason --hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert export") candidates="--chain --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "crl issue") candidates="--ca -o --force --hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "crl publish") candidates="--hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "sign ") candidates="--user --key --one-shot --scal -o --suffix --level --format --hash-algorithm --pin-from --otp --otp-from --share-from --seal-from --auth-socket --prepare --resume --reason --location --contact --field --visible --image --certify --tsa --tsa-policy --trust --vri --hash --allow-damaged --receipt --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "timestamp ") candidates="-o --hash-algorithm --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "ltv-extend ") candidates="--level -o --due --tsa --tsa-policy --trust --vri --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "validate ") candidates="--trust --policy --at --offline --report --force --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust add") candidates="--url --file --signer --territory --pem --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust remove") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust update") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "audit verify") candidates="--checkpoint --key --require-anchor --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "audit show") candidates="--since --until --event --subject --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "audit checkpoint") candidates="-o --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "serve ") candidates="--role --listen --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "version ") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "help ") candidates="--man --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "completion ") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
  esac
  if [ -z "$candidates" ]; then
    case "$noun " in
    "config ") candidates="show" ;;
    "user ") candidates="enroll list show suspend resume unlock activate pin factor history remove" ;;
    "device ") candidates="init list approve" ;;
    "group ") candidates="add list show set report" ;;
    "seal ") candidates="open approve close list" ;;
    "key ") candidates="generate list show destroy" ;;
    "cert ") candidates="issue renew request import list show revoke export" ;;
    "crl ") candidates="issue publish" ;;
    "trust ") candidates="add list remove update" ;;
    "audit ") candidates="verify show checkpoint" ;;
    "init ") candidates="--name --country --ca-algorithm --pki-url --root-pin-out --hsm-module --hsm-token --hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "status ") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "doctor ") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "config show") candidates="--origin --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user enroll") candidates="--common-name --given-name --surname --serial-number --organization --organization-id --email --country --kind --group --proofing-record --terms --pin-from --totp-uri-out --enrolment-code-out --factors-elsewhere --renew-code --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user suspend") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user resume") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user unlock") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user activate") candidates="--enrolment-code-from --pin-from --totp-uri-out --device-card --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user pin") candidates="--pin-from --new-pin-from --share-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user factor") candidates="--type --uri-out --device-card --address --pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user history") candidates="--since --until --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "user remove") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "device init") candidates="--user --provider --name --algorithm --card-out --device --passphrase-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "device list") candidates="--device --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "device approve") candidates="--refuse --device --passphrase-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group add") candidates="--profile --factors-scal1 --factors-scal2 --enrolment --bare-hashes --documents --approval --list-credentials --seal-operators --api-key --api-key-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group set") candidates="--profile --factors-scal1 --factors-scal2 --enrolment --bare-hashes --documents --approval --list-credentials --seal-operators --state --api-key --api-key-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "group report") candidates="--since --until --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal open") candidates="--user --key --count --for --until --from --credential-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal approve") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal close") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "seal list") candidates="--user --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key generate") candidates="--user --algorithm --scal --label --pin-from --share-out --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key list") candidates="--user --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "key destroy") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert issue") candidates="--key --user --profile --days --hours -o --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert renew") candidates="--hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert request") candidates="-o --force --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert import") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert show") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert revoke") candidates="--reason --hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "cert export") candidates="--chain --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "crl issue") candidates="--ca -o --force --hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "crl publish") candidates="--hsm-pin-from --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "sign ") candidates="--user --key --one-shot --scal -o --suffix --level --format --hash-algorithm --pin-from --otp --otp-from --share-from --seal-from --auth-socket --prepare --resume --reason --location --contact --field --visible --image --certify --tsa --tsa-policy --trust --vri --hash --allow-damaged --receipt --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "timestamp ") candidates="-o --hash-algorithm --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "ltv-extend ") candidates="--level -o --due --tsa --tsa-policy --trust --vri --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "validate ") candidates="--trust --policy --at --offline --report --force --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust add") candidates="--url --file --signer --territory --pem --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust list") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust remove") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "trust update") candidates="--dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "audit verify") candidates="--checkpoint --key --require-anchor --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "audit show") candidates="--since --until --event --subject --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "audit checkpoint") candidates="-o --force --dry-run --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "serve ") candidates="--role --listen --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "version ") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "help ") candidates="--man --home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    "completion ") candidates="--home --socket --json --no-input --yes --quiet --verbose --color --help " ;;
    esac
  fi
  if [[ "$current" == -* || "$noun" == "" || ( "$verb" == "" && "$candidates" != -* ) ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$current")
  fi
  if [ "${#COMPREPLY[@]}" -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi
}
complete -o filenames -F _tsp tsp
