"""What is kept: captures, versions, changes and deliveries, behind the Store interface."""

from storage.opening import open_store
from storage.records import (
    Capture,
    ChangeRecord,
    Delivery,
    DeliveryState,
    DocumentKey,
    DocumentStatus,
    Hit,
    NewDelivery,
    NewNotice,
    Notice,
    NoticeDelivery,
    Source,
    Version,
    WatchedDocument,
)
from storage.store import DamagedError, StaleVersionError, Store, StoreBusyError, StoreError

__all__ = [
    "Capture",
    "ChangeRecord",
    "DamagedError",
    "Delivery",
    "DeliveryState",
    "DocumentKey",
    "DocumentStatus",
    "Hit",
    "NewDelivery",
    "NewNotice",
    "Notice",
    "NoticeDelivery",
    "Source",
    "StaleVersionError",
    "Store",
    "StoreBusyError",
    "StoreError",
    "Version",
    "WatchedDocument",
    "open_store",
]
