package ansim.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Tokens for passwords, and their end; and who the tokens of the city's identity provider stand for, if there is one. Any thread. */
final class SignIn {
    private static final String BEARER = "Bearer ";

    private final Accounts accounts;
    private final Duration life;
    private final Optional<ProviderTokens> provider;
    private final Attempts attempts;

    SignIn(Accounts accounts, Duration life, Optional<ProviderTokens> provider, InstantSource clock) {
        this.accounts = accounts;
        this.life = life;
        this.provider = provider;
        this.attempts = new Attempts(clock);
    }

    List<Operation> operations() {
        return List.of(
                new Operation(
                        "POST", "/v1/tokens", Operation.Access.ANYBODY, Set.of(), Operation.Room.SIGN_IN, this::begin),
                new Operation(
                        "DELETE",
                        "/v1/tokens/current",
                        Operation.Access.of(Role.values()),
                        Set.of(),
                        Operation.Room.READ,
                        this::end),
                new Operation(
                        "GET",
                        "/v1/account",
                        Operation.Access.of(Role.values()),
                        Set.of(),
                        Operation.Room.READ,
                        asked -> Operation.Answer.ok(ApiJson.account(asked.account()))));
    }

    private Operation.Answer begin(Asked asked) throws IOException, Problem {
        JsonNode json = asked.json();
        String name = Asked.need(json, "name", 64);
        String password = Asked.need(json, "password", Passwords.LONGEST);
        if (!attempts.begin(name, asked.address())) {
            throw new Problem(Problem.Kind.TOO_MANY, "too many wrong passwords", OptionalInt.of((int)
                    Attempts.CLOSED.toSeconds()));
        }
        Account account = accounts.proven(name, password)
                .orElseThrow(() -> new Problem(Problem.Kind.WRONG_PASSWORD, "wrong name or password"));
        attempts.right(name, asked.address());
        Accounts.Token token = accounts.token(account, asked.at(), life);
        ObjectNode out = ApiJson.object();
        out.put("token", token.text());
        out.put("expiresAt", token.expires().toString());
        out.set("account", ApiJson.account(account));
        return new Operation.Answer(201, Optional.of(out));
    }

    private Operation.Answer end(Asked asked) throws IOException, Problem {
        if (asked.account().isOfProvider()) {
            throw new Problem(Problem.Kind.NOT_HERE, "a token of the identity provider ends there, or by its time");
        }
        accounts.end(token(asked).orElseThrow(() -> new Problem(Problem.Kind.SIGN_IN, "a token is needed")));
        return Operation.Answer.NOTHING;
    }

    private static Optional<String> token(Asked asked) {
        String header = asked.headers().getOrDefault("authorization", "");
        return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? Optional.of(header.substring(BEARER.length()).trim())
                : Optional.empty();
    }

    private Optional<Account> account(String token, Instant now) throws IOException, Problem {
        return provider.isPresent() && ProviderTokens.isOne(token)
                ? Optional.of(provider.get().account(token, now))
                : accounts.account(token, now);
    }

    /** Who asks, if that one may. */
    Asked admit(Asked asked, Operation operation) throws IOException, Problem {
        if (!operation.access().signedIn()) {
            return asked;
        }
        Optional<String> token = token(asked);
        Optional<Account> who = token.isPresent() ? account(token.get(), asked.at()) : Optional.empty();
        Account account =
                who.orElseThrow(() -> new Problem(Problem.Kind.SIGN_IN, "the token is missing, has ended or is none"));
        if (!operation.access().roles().contains(account.role())) {
            throw new Problem(
                    Problem.Kind.FORBIDDEN, "not for the role " + account.role().word());
        }
        return new Asked(
                Optional.of(account),
                asked.path(),
                asked.query(),
                asked.headers(),
                asked.body(),
                asked.address(),
                asked.at());
    }
}
