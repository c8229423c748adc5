# A small app behind the gateway: ISSUER=… AUDIENCE=… KEYS=… puma --bind tcp://127.0.0.1:PORT config.ru
require_relative "sso_member"

show = ->(env) { [200, { "content-type" => "application/json" }, [JSON.generate(env["sso.member"])]] }

use SSOMember, issuer: ENV.fetch("ISSUER"), audience: ENV.fetch("AUDIENCE"), keys: ENV.fetch("KEYS")
map("/me") { run show }
map("/team") do
  use SSOMember::Role, "ADMIN"
  run show
end
