# frozen_string_literal: true

require "json"
require_relative "sso_keys"

# Middleware for Rack, and so for Rails and Sinatra: checks X-SSO-Assertion and sets `env["sso.member"]`.
class SSOMember
  LEEWAY = 5 # seconds, for clocks that differ
  Refused = Class.new(StandardError)

  # issuer: `public_url`; audience: `app` of the rule, or the host; keys: the gateway's own /.well-known/jwks.json
  def initialize(app, issuer:, audience:, keys:, pause: 10, keep: 300)
    @app, @issuer, @audience, @keys = app, issuer, audience, SSOKeys.new(URI(keys), pause, keep)
  end

  def call(env)
    env["sso.member"] = member(env["HTTP_X_SSO_ASSERTION"])
    @app.call(env)
  rescue Refused => e
    self.class.answer(401, "not_signed_in", e.message)
  rescue SSOKeys::Missing
    self.class.answer(503, "keys_unavailable")
  end

  def self.answer(status, code, reason = nil)
    headers = { "content-type" => "application/json", "cache-control" => "no-store" }
    [status, headers, [JSON.generate(error: { code: code, reason: reason })]]
  end

  private

  def member(token)
    raise Refused, "missing" if token.nil? || token.empty?
    raise Refused, "repeated" if token.include?(",") # Servers join repeated headers.
    raise Refused, "malformed" unless token.bytesize <= 8192 && token.match?(/\A[\w-]+\.[\w-]+\.[\w-]{86}\z/)

    head, body, signature = token.split(".")
    header = part(head)
    raise Refused, "algorithm" unless header.values_at("alg", "typ") == %w[ES256 JWT] && !header.key?("crit")

    key = @keys.find(header["kid"]) or raise Refused, "unknown_key"
    raise Refused, "signature" unless key.verify("SHA256", der(signature), "#{head}.#{body}")

    claims = part(body)
    now = Time.now.to_f
    raise Refused, "issuer" unless claims["iss"] == @issuer
    raise Refused, "audience" unless claims["aud"] == @audience
    raise Refused, "expired" unless claims["exp"].is_a?(Numeric) && now < claims["exp"] + LEEWAY
    raise Refused, "not_yet_valid" unless [claims["iat"] || now + 60, claims["nbf"] || 0].max <= now + LEEWAY

    texts = claims.values_at("integration", "installation_id", "sub", "role")
    raise Refused, "claims" unless texts.all? { |text| text.is_a?(String) && !text.empty? }

    # The same user id under another installation is another person.
    { "id" => texts.first(3).join("/"), "integration" => texts[0], "installation" => texts[1], "user" => texts[2],
      "role" => texts[3], "name" => claims["name"].to_s, "email" => claims["email"].to_s }
  end

  def part(text)
    value = JSON.parse(text.tr("-_", "+/").unpack1("m"))
    value.is_a?(Hash) ? value : {}
  rescue JSON::ParserError, EncodingError
    raise Refused, "malformed"
  end

  # The signature is r and s, 32 bytes each (RFC 7518 section 3.4); OpenSSL reads ASN.1.
  def der(signature)
    numbers = signature.tr("-_", "+/").unpack1("m").unpack("a32a32").map { |bytes| OpenSSL::BN.new(bytes, 2) }
    OpenSSL::ASN1::Sequence(numbers.map { |number| OpenSSL::ASN1::Integer(number) }).to_der
  end

  # For routes of one role: `use SSOMember::Role, "ADMIN"`, behind the middleware.
  Role = Struct.new(:app, :role) do
    def call(env)
      env["sso.member"]["role"] == role ? app.call(env) : SSOMember.answer(403, "forbidden")
    end
  end
end
