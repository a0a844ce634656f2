package app

import (
	"kaisen/collector/carrier"
	"kaisen/internal/config"
)

// renewSecrets has accounts log in by the secret that stands in their file now. Only the secret is taken: a configuration that
// somebody is writing just now is not in force before he says so. A file that cannot be read, or holds no secret, changes nothing.
func (a *App) renewSecrets() {
	for _, account := range a.inForce() {
		source := account.source
		if source.ClientIDFile == "" && source.ClientSecretFile == "" {
			continue
		}
		id, secret, err := source.Credentials()
		if err != nil {
			if a.reloads.unread[source.Name] != err.Error() {
				a.reloads.unread[source.Name] = err.Error()
				a.log.Error("the secret of a source cannot be read; the one that was read before is used on", "source", source.Name, "error", err)
			}
			continue
		}
		delete(a.reloads.unread, source.Name)
		if by := credentialsOf(source, id, secret); by != account.client.Credentials() {
			account.client.Renew(by)
			a.log.Info("the secret of a source has changed", "source", source.Name)
		}
	}
}

func credentialsOf(source config.Source, id string, secret config.Secret) carrier.Credentials {
	return carrier.Credentials{TokenURL: source.TokenURL, Style: source.TokenStyle, ClientID: id, ClientSecret: secret.Reveal()}
}
