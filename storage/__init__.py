"""What is kept: captures, versions, changes and deliveries, behind the Store interface."""

from storage.records import (
    Capture,
    ChangeRecord,
    Delivery,
    DeliveryState,
    DocumentKey,
    DocumentStatus,
    NewDelivery,
    Source,
    Version,
)
from storage.store import Store, StoreBusyError, StoreError

__all__ = [
    "Capture",
    "ChangeRecord",
    "Delivery",
    "DeliveryState",
    "DocumentKey",
    "DocumentStatus",
    "NewDelivery",
    "Source",
    "Store",
    "StoreBusyError",
    "StoreError",
    "Version",
]
