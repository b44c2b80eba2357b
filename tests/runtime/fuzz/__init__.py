"""Random LightningModule programs, with the real libraries as the referee."""
