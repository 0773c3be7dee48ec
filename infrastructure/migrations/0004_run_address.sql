-- What was registered by an address is asked for whenever one is registered or deregistered.
CREATE INDEX ON swath.run ((request ->> 'url')) WHERE kind = 'register';
